"""Gateway between the Dutch care-message network (iWmo, iJw) and a municipality's backoffice."""

__version__ = "0.1.0"
