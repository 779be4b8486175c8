"""What is explored."""

from tests.explorer.scenarios.claims import CLAIMS
from tests.explorer.scenarios.crashes import CRASHES
from tests.explorer.scenarios.ends import ENDS
from tests.explorer.scenarios.losses import LOSSES
from tests.explorer.scenarios.operators import OPERATORS
from tests.explorer.scenarios.requests import REQUESTS
from tests.explorer.scenarios.two_tasks import TWO_TASKS

ALL = (*REQUESTS, *OPERATORS, *CLAIMS, *ENDS, *CRASHES, *LOSSES, *TWO_TASKS)
