"""Process entry points. Importing this package puts the `platform` source root on the path.

Appended, never inserted: nothing of ours can then hide a module of the standard library.
"""

import sys
from pathlib import Path

SOURCE_ROOT = str(Path(__file__).resolve().parent.parent / "platform")
if SOURCE_ROOT not in sys.path:
    sys.path.append(SOURCE_ROOT)
