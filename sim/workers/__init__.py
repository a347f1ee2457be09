"""Who does the work: this process, several of this machine, or a Dask cluster. The results are the same, in the same
order, on any of them."""

from sim.workers.base import Workers, WorkersLost
from sim.workers.here import Here
from sim.workers.processes import Processes

__all__ = ["Here", "Processes", "Workers", "WorkersLost"]
