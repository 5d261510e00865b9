"""May a request be answered? Only from this machine's own pages; the rest is refused in a line.

A page of another site can make a browser send requests to this machine. It may not read or change
anything here: the name in ``Host`` must be this machine's own, which stops a foreign name that was
made to point here (DNS rebinding), and what changes something must come from one of our pages
(``Origin``) and bring the secret that stands in them.

Another user of this machine reaches its loopback too. Nothing is shown without the key of this
run, which stands in the address that is printed; the browser is given it as a cookie.
"""

import secrets
from collections.abc import Mapping
from email.message import Message
from http.cookies import CookieError, SimpleCookie

__all__ = [
    "HOST",
    "host_refusal",
    "is_key",
    "key_cookie",
    "key_refusal",
    "new_token",
    "write_refusal",
]

HOST = "127.0.0.1"

_NAMES = (HOST, "localhost")
_HTTP_PORT = 80
_FORM = "application/x-www-form-urlencoded"


def new_token() -> str:
    """Make a secret of one run."""
    return secrets.token_urlsafe(32)


def host_refusal(headers: "Message[str, str]", port: int) -> str | None:
    """Return why a request to another name is refused; None where it is one of ours."""
    given = headers.get_all("Host", [])
    if len(given) == 1 and given[0].lower() in _own(port):
        return None
    return f"this server answers to http://{HOST}:{port} only"


def is_key(given: str, key: str) -> bool:
    """Say whether what somebody brings is the key, in a time that tells nothing of it."""
    return secrets.compare_digest(given.encode(), key.encode())


def key_cookie(port: int, key: str) -> str:
    """Return the cookie that lets a browser in; no script reads it, no other site sends it along.

    "Lax", not "Strict": the address may be opened from a page, such as a terminal in a browser.
    """
    return f"{_cookie_name(port)}={key}; Path=/; HttpOnly; SameSite=Lax"


def key_refusal(headers: "Message[str, str]", *, port: int, key: str) -> str | None:
    """Return why a request without the key of this run is refused; None where it has it."""
    try:
        found = SimpleCookie(headers.get("Cookie", "")).get(_cookie_name(port))
    except CookieError:
        found = None
    if found is not None and is_key(found.value, key):
        return None
    return "open the address that gazekit view printed; it holds the key of this run"


def _cookie_name(port: int) -> str:
    return f"gazekit-view-{port}"  # cookies of one machine are not told apart by port


def write_refusal(
    headers: "Message[str, str]", form: Mapping[str, str], *, port: int, token: str
) -> str | None:
    """Return why a request that changes something is refused; None where it comes from a page."""
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
        return "only forms of the pages here change something"
    if headers.get("Origin", "").lower() not in {f"http://{name}" for name in _own(port)}:
        return "the form comes from another site"
    if headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return "the form comes from another site"
    if not is_key(form.get("token", ""), token):
        return "the page is of an earlier run; load it again"
    return None


def _own(port: int) -> set[str]:
    names = {f"{name}:{port}" for name in _NAMES}
    return names | set(_NAMES) if port == _HTTP_PORT else names
