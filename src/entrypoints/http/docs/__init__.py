"""The API documentation: a page that loads nothing from other hosts, and the document that it shows."""
