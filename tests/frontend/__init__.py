"""The stand-in for dms-frontend, what drives it through every interleaving, and the tests of both.

`standin` does what the frontend does, `interleaving` decides who acts next, `naive` is a scheduler that loses.
"""
