"""All tables of the store together, whatever package they are of."""

# Importing them is what puts the tables of a package beside the others.
from gateway.store import beleid as _beleid  # noqa: F401
from gateway.store import controles as _controles  # noqa: F401
from gateway.store import envelop as _envelop  # noqa: F401
from gateway.store import webhooks as _webhooks  # noqa: F401
from gateway.store.bewaren import tables as _bewaren  # noqa: F401
from gateway.store.geld import tables as _geld  # noqa: F401
from gateway.store.geld.betalen import tables as _betalen  # noqa: F401
from gateway.store.geld.nazorg import tables as _nazorg  # noqa: F401
from gateway.store.jaareinde import tables as _jaareinde  # noqa: F401
from gateway.store.mutaties import tables as _mutaties  # noqa: F401
from gateway.store.register import tables as _register  # noqa: F401
from gateway.store.tables import metadata
from gateway.store.toegang import tables as _toegang  # noqa: F401
from gateway.store.werk import tables as _werk  # noqa: F401

__all__ = ["metadata"]
