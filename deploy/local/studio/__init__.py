"""Music and cover art made by code: the demo catalogue needs no file of anybody's."""

import os

# Pieces are made side by side, one a processor; threads of the algebra would only be in the way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
