"""Bugs put into the product one at a time, to see that the simulation finds them.

Each is a context in which a part of the product is replaced. Their names say what is wrong then.
"""

from tests.simulation.mutations.catalogue import ALL

__all__ = ["ALL"]
