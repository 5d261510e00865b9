"""How far are sound and picture apart on this station? Clicks and flashes, heard again."""
