"""Python imports this at its start: the host of the driver logs at DEBUG."""

import logging
import sys

logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
