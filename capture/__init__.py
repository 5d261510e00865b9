"""Record what a reader looks at, says and does while reading an image."""
