"""Days of the proleptic Gregorian calendar, for any year: Python's own dates end at 9999 and know no BC."""

# Days from 0000-03-01 to 1970-01-01, and in 400 years.
_TO_EPOCH = 719_468
_ERA = 146_097
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2


def days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01; year 0 is 1 BC."""
    year -= month <= _FEBRUARY
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * _ERA + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _TO_EPOCH


def civil(number: int) -> tuple[int, int, int]:
    """Year, month and day of what ``days`` gives."""
    era, of_era = divmod(number + _TO_EPOCH, _ERA)
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year + era * 400 + (month <= _FEBRUARY), month, of_year - (153 * shifted + 2) // 5 + 1


def is_date(year: int, month: int, day: int) -> bool:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= month <= 12 and 1 <= day <= _LENGTHS[month - 1] + (leap and month == _FEBRUARY)
