"""What goes over the wire: one structure per body, described for the API documentation."""
