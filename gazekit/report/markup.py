"""How does a template of this package become HTML, with all that is not markup escaped?"""

from functools import lru_cache

import jinja2
import msgspec
from markupsafe import Markup

__all__ = ["block", "embedded", "environment"]


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Return the templates of this package."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("gazekit.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def block(macro: str, *arguments: object, template: str = "blocks.html.j2") -> Markup:
    """Render one macro of a template of this package; what is not markup is escaped."""
    module = environment().get_template(template).module
    made: Markup = getattr(module, macro)(*arguments)
    return made


def embedded(data: object) -> Markup:
    """Return plain values as JSON for a script element, which no text in them can end."""
    return Markup(msgspec.json.encode(data).decode().replace("<", "\\u003c"))  # noqa: S704
