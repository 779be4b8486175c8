"""What many tests share: real servers, and rules of what a test may ask of its machine."""
