"""What a release adds to a class and no rule of ours knows: kept, and handed on by name.

Pairs of name and value, in the order of the map that reads them; almost always there are none.
"""

from __future__ import annotations

Waarde = str | int
Extra = tuple[tuple[str, Waarde], ...]
NO_EXTRA: Extra = ()
