"""A dataset in a browser, from a server that only this machine reaches."""

from gazekit.report.view.server import ViewServer, open_view

__all__ = ["ViewServer", "open_view"]
