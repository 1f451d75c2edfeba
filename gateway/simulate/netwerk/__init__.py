"""A network to try things on: RINIS, IB and VECOZO in one process, with faults by chance."""
