"""Where a setting of the deploying role's sessions is made, and what changes it, in words."""

from ..model.session_limits import SessionLimits, SetFor

_WIDER = {SetFor.DATABASE: "this database", SetFor.ALL_ROLES: "all roles", SetFor.SERVER: "the server"}


def where(given: SessionLimits, set_for: SetFor) -> str:
    """``set for role app in this database``."""
    match set_for:
        case SetFor.SCHEMA_IN_URL:
            return "by the schema in the connection URL"
        case SetFor.URL:
            return "in the options of the connection URL"
        case SetFor.ROLE_IN_DATABASE:
            return f"set for role {given.role} in this database"
        case SetFor.ROLE:
            return f"set for role {given.role}"
        case _:
            return f"set for {_WIDER[set_for]}"


def alter(given: SessionLimits, name: str, value: str, set_for: SetFor) -> str | None:
    """The statement after which the role's next sessions begin with *value*; None where the URL is stronger."""
    if set_for in (SetFor.SCHEMA_IN_URL, SetFor.URL):
        return None
    database = f" IN DATABASE {given.database}" if set_for is SetFor.ROLE_IN_DATABASE else ""
    return f"ALTER ROLE {given.role or 'NAME'}{database} SET {name} = {value}"


def prevented(given: SessionLimits, name: str, value: str, set_for: SetFor) -> str:
    """What prevents that the setting does what was said before."""
    statement = alter(given, name, value, set_for)
    return f"{statement} prevents that" if statement is not None else f"a URL without {name} prevents that"
