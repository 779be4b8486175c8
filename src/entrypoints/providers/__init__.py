"""What the container gives out, one provider a subject. Everything lives as long as the application."""
