"""What moto's services hold from the start: the same in every process.

moto makes a service's state when somebody first asks for anything of it, be it only to
read, and takes random numbers for it: ids of the default network, ids of its own. A
journal that is replayed begins with another request, which must not see other numbers.
"""

import functools
import sys
from typing import Any

from moto.core.base_backend import AccountSpecificBackend, BackendDict

from localaws import compat
from localaws.services.context import Context

_begin = BackendDict.__init__
_begin_account = AccountSpecificBackend.__init__
_regions_method = AccountSpecificBackend._generate_regions


def _of_service(
    backends: Any, backend: Any, name: str, *more: Any, **named: Any
) -> None:
    make = backend.__init__

    def make_region(one: Any, region_name: str, account_id: str) -> None:
        with compat.repeatable(f"{name} {region_name}"):
            make(one, region_name, account_id)

    backend.__init__ = make_region
    with compat.repeatable(name):
        _begin(backends, backend, name, *more, **named)


def _of_account(account: Any, **named: Any) -> None:
    with compat.repeatable(named["service_name"]):
        _begin_account(account, **named)


@functools.cache
def _regions_of(service: str) -> tuple[str, ...]:
    return tuple(_regions_method.__wrapped__(None, service))


def _regions(account: Any, service: str) -> list[str]:
    """Return a service's regions; moto's cache would keep the state of each reset."""
    return [*_regions_of(service)]


def listen(_: Context) -> None:
    """Let what is made from now on be the same, and what was made before be gone."""
    AccountSpecificBackend._generate_regions = _regions
    subnets = sys.modules.get("moto.ec2.models.subnets")
    if subnets is not None:
        # its cache would keep every subnet, and with it the whole of EC2
        subnets.Subnet._base_avail_ip_iterator.cache_clear()
    BackendDict.__init__ = _of_service
    AccountSpecificBackend.__init__ = _of_account
