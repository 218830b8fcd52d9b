"""Distances on the earth, and what a circular error means. Positions are degrees of latitude and longitude, WGS84."""

import math

import numpy as np

from custodiet.bench.arrays import Floats

METRES_PER_MILE = 1609.344
# Mean earth radius of the IUGG, (2a + b)/3, to the metre, for the great-circle distance only.
EARTH_RADIUS_M = 6_371_009.0
METRES = {"m": 1.0, "km": 1000.0, "miles": METRES_PER_MILE, "mi": METRES_PER_MILE, "feet": 0.3048, "ft": 0.3048,
          "nautical": 1852.0, "nmi": 1852.0}  # fmt: skip


def geodesic_m(latitude: Floats, longitude: Floats, other_latitude: Floats, other_longitude: Floats) -> Floats:
    """Return metres along the WGS84 ellipsoid between positions (Karney 2013, as in PROJ)."""
    import pyproj  # noqa: PLC0415 - heavy, and only positions need it

    _, _, metres = pyproj.Geod(ellps="WGS84").inv(longitude, latitude, other_longitude, other_latitude)
    return np.asarray(metres, dtype=np.float64)


def great_circle_m(
    latitude: Floats, longitude: Floats, other_latitude: Floats, other_longitude: Floats, radius: float = EARTH_RADIUS_M
) -> Floats:
    """Return metres on a sphere (Vincenty's form, which keeps its digits near and far); up to 0.6 % off the ellipsoid."""
    one, two = np.radians(latitude), np.radians(other_latitude)
    turn = np.radians(np.asarray(other_longitude) - np.asarray(longitude))
    across = np.hypot(np.cos(two) * np.sin(turn), np.cos(one) * np.sin(two) - np.sin(one) * np.cos(two) * np.cos(turn))
    along = np.sin(one) * np.sin(two) + np.cos(one) * np.cos(two) * np.cos(turn)
    return np.asarray(radius * np.arctan2(across, along))


def circular_radius(share: float, sigma: float = 1.0) -> float:
    """Return the radius that holds a share of errors, where both axes err normally with sigma (Rayleigh)."""
    return sigma * math.sqrt(-2 * math.log1p(-share))


def circular_share(radius: float, sigma: float = 1.0) -> float:
    """Return the share of errors within a radius, where both axes err normally with sigma (Rayleigh)."""
    return -math.expm1(-((radius / sigma) ** 2) / 2)
