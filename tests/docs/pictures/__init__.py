"""``make pictures``: what a terminal shows, as SVG: drawn without a browser, so that a test holds each of them."""
