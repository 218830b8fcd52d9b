"""The array types that the bench speaks of."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]
Bools = npt.NDArray[np.bool_]

# Scores are looked at in blocks of so many, so that what a pass needs beside the data stays small.
BLOCK = 1 << 20
