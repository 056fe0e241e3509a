DATE_FORMAT = "j. F Y"  # 17. Dezember 2026
YEAR_MONTH_FORMAT = "F Y"  # Dezember 2026
DAY_FORMAT = "D, j. N"  # Do, 17. Dez.
DAY_AND_YEAR_FORMAT = "D, j. N Y"
FULL_DAY_FORMAT = "l, j. F"  # Donnerstag, 17. Dezember
SHORT_DAY_FORMAT = "j. N"  # 17. Dez.
SHORT_DAY_AND_YEAR_FORMAT = "j. N Y"  # 17. Dez. 2026
SHORT_DATE_FORMAT = "j. N Y"

CLOCK = "24"
FIRST_DAY_OF_WEEK = 1  # Monday
