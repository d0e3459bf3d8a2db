"""Define every setting once, with its default, bounds and meaning."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from email.utils import formataddr, getaddresses
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from pipeline.settings.nightly import Nightly
from pipeline.settings.places import in_environment, in_file
from queries.model.attributes import NAME
from queries.model.zones import known_zones

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s?([KMGT])(i?)B")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _mail_address(text: str) -> str:
    """An address such as owner@example.com or Noshow <noshow@example.com>. Raises ValueError for anything else."""
    # `parseaddr` takes the first of several addresses in Python 3.11.7, and none of them in later versions.
    found = getaddresses([text])
    name, address = found[0] if len(found) == 1 else ("", "")
    if not re.fullmatch(r"[^@\s<>\",;:()\[\]\\]+@[a-zA-Z0-9.-]+", address) or not text.isprintable():
        raise ValueError(f"{text!r} is not an address such as owner@example.com")
    return formataddr((name, address))


MailAddress = Annotated[str, AfterValidator(_mail_address)]
# The range of the database's decimal(18,4).
Price = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]


class PolicyDate(BaseModel):
    """A day on which the business changed its policy on no-shows, and `what` changed.

    Only for these `locations` or these `services`, if there are any: all others are controls.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: dt.date
    what: Text
    locations: tuple[Text, ...] = ()
    services: tuple[Text, ...] = ()

    @field_validator("services")
    @classmethod
    def _one_kind(cls, services: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if services and info.data.get("locations"):
            raise ValueError("name the locations that changed, or the services, not both")
        return services


class Settings(BaseModel):
    """The operator's settings: those given as arguments, then those of the environment, then those in the file.

    Only those that are set are written to a database that exists already.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, /, **given: Any) -> None:
        super().__init__(**(in_file() | in_environment(type(self).model_fields) | given))

    site_zone: str = Field("UTC", description="IANA zone of sessions that name none")
    currency: str | None = Field(None, description="currency of the site, such as EUR")
    grace_hours: int = Field(24, ge=0, le=8_760, description="hours after its end until a session is due")
    late_hours: int = Field(24, ge=0, le=8_760, description="a cancellation this near to the start is late")
    contradictions: Literal["flag", "quarantine"] = Field(
        "flag", description="attended by nobody, or not attended by two or more"
    )
    more_than_booked: Literal["flag", "quarantine"] = Field("flag", description="more attendees than were booked")
    max_quarantined_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="a load that sets aside a larger share of a file's records says so and exits with 3",
    )
    unmet_values: Literal["load", "refuse"] = Field(
        "load", description="files with values that the mapping compares with constants and does not know"
    )
    unload_days: int = Field(
        90, ge=1, le=36_500, description="how many days a load can be taken back; replaced rows are kept that long"
    )
    prices: dict[str, Price] = Field(
        default_factory=dict,
        description="price per participant by service name or id, for bookings without a price",
    )
    min_bookings: int = Field(
        10, ge=1, le=1_000_000, description="groups with fewer marked bookings are shown without a rate"
    )
    enough_coverage: float = Field(0.8, ge=0, le=1, description="below this coverage the report leads with the bounds")
    full_class_risk: float = Field(
        0.05, gt=0, lt=1, description="accepted chance that more come than a class holds, for seats to offer"
    )
    empty_seat_cost: Price | None = Field(
        None, description="cost of a seat that stays empty; with turned_away_cost, for seats to offer"
    )
    turned_away_cost: Price | None = Field(
        None,
        validate_default=True,
        description="cost of turning away somebody who booked; with empty_seat_cost, for seats to offer",
    )
    attributes: tuple[str, ...] = Field(
        (), description="attributes of the bookings that the report compares, such as reminder"
    )
    model_leave_out: tuple[str, ...] = Field(
        (), description="facts about bookings that a model of no-shows must not use, such as attributes.age"
    )
    memory_limit: str | None = Field(
        None, description="most memory that loading may use, such as 500MB; more is spilled to the disk"
    )
    workbook_memory: str = Field(
        "2GB", description="most memory that an Excel workbook may take while it is read; larger ones are refused"
    )
    group_readable: bool = Field(False, description="whether the owner's group may read the files that noshow makes")
    pseudonym_key: SecretStr | None = Field(None, description="key of participants' pseudonyms; never printed")
    brand_name: Text | None = Field(None, description="name shown in the report")
    brand_colour: str | None = Field(None, description="colour of the report, as #rrggbb")
    api_address: str = Field("https://www.wixapis.com", description="address of the API for `noshow pull`")
    api_key: SecretStr | None = Field(None, description="key of the API for `noshow pull`; never printed")
    site_id: SecretStr | None = Field(None, description="id of the site that `noshow pull` fetches; never printed")
    pull_minutes: float = Field(
        60, gt=0, le=100_000, description="longest time that `noshow pull` fetches; the next one goes on from there"
    )
    pulls_kept: int = Field(
        2, ge=1, le=1_000, description="number of finished pulls that stay saved beside the database"
    )
    mail_from: MailAddress = Field("noshow@localhost", description="sender that a report as an e-mail names")
    mail_to: tuple[MailAddress, ...] = Field((), description="receivers that a report as an e-mail names")
    nightly: Nightly | None = Field(None, description="the work of `noshow nightly`")
    policy_dates: tuple[PolicyDate, ...] = Field(
        (), description="dates on which the policy on no-shows changed, and the change"
    )

    @field_validator("prices", "policy_dates", "attributes", "model_leave_out", "mail_to", "nightly", mode="before")
    @classmethod
    def _from_json(cls, value: Any) -> Any:
        """Several values are JSON in the environment."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value, parse_float=Decimal)
        except json.JSONDecodeError as error:
            raise ValueError(f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None

    @field_validator("*", mode="before")
    @classmethod
    def _in_utf8(cls, value: Any) -> Any:
        # Bytes of the environment that are not UTF-8 arrive as halves of surrogate pairs.
        if isinstance(value, str) and re.search(r"[\ud800-\udfff]", value):
            raise ValueError("it is not UTF-8")
        return value

    @field_validator("turned_away_cost")
    @classmethod
    def _both_costs(cls, cost: Decimal | None, info: ValidationInfo) -> Decimal | None:
        # Without an entry the other cost was wrong itself, which is reported first.
        if "empty_seat_cost" in info.data and (cost is None) != (info.data["empty_seat_cost"] is None):
            raise ValueError("set both empty_seat_cost and turned_away_cost, or neither")
        return cost

    @field_validator("site_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in known_zones():
            raise ValueError(f"no time zone is called {zone!r}")
        return zone

    @field_validator("attributes")
    @classmethod
    def _attribute_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not the name of an attribute, such as reminder")
        return names

    @field_validator("prices")
    @classmethod
    def _one_price_per_service(cls, prices: dict[str, Decimal]) -> dict[str, Decimal]:
        written: dict[str, str] = {}
        for name in prices:
            if not name.strip():
                raise ValueError("a price without the name of a service")
            if (other := written.setdefault(name.lower(), name)) != name:
                raise ValueError(f"{other!r} and {name!r} are the same service: case does not count")
        return prices

    @field_validator("pseudonym_key")
    @classmethod
    def _key_not_empty(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not key.get_secret_value().strip():
            raise ValueError("a key must not be empty")
        return key

    @field_validator("api_key", "site_id")
    @classmethod
    def _fits_into_a_header(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not re.fullmatch(r"[\x21-\x7e]+", secret.get_secret_value()):
            raise ValueError("it is empty, or has a space or a character that no key has")
        return secret

    @field_validator("api_address")
    @classmethod
    def _private_in_transit(cls, address: str) -> str:
        # The key is sent to this address, so it must not travel unencrypted except on this machine.
        parts = urlsplit(address)
        is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_here)):
            raise ValueError("an address with https:// is expected, or with http:// for this machine only")
        if " " in address or not address.isprintable() or parts.port == 0:
            raise ValueError("an address without spaces and with a port from 1 to 65535 is expected")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("an address with neither a user nor a query is expected")
        return address.rstrip("/")

    @property
    def workbook_bytes(self) -> int:
        """The setting `workbook_memory` in bytes."""
        size = _SIZE.fullmatch(self.workbook_memory)
        if size is None:
            raise ValueError(f"{self.workbook_memory!r} is not a size")
        return int(float(size[1]) * (1024 if size[3] else 1000) ** " KMGT".index(size[2]))

    @field_validator("memory_limit", "workbook_memory")
    @classmethod
    def _size_of_memory(cls, limit: str | None) -> str | None:
        if limit is not None and not _SIZE.fullmatch(limit):
            raise ValueError(f"{limit!r} is not a size such as 500MB or 2GiB")
        return limit

    @field_validator("brand_colour")
    @classmethod
    def _hex_colour(cls, colour: str | None) -> str | None:
        if colour is not None and not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
            raise ValueError(f"{colour!r} is not a colour such as #1a7f5a")
        return colour

    @field_validator("policy_dates")
    @classmethod
    def _by_date(cls, dates: tuple[PolicyDate, ...]) -> tuple[PolicyDate, ...]:
        return tuple(sorted(dates, key=lambda policy: policy.date))
