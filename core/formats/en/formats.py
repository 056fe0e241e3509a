DATE_FORMAT = "F j, Y"  # December 17, 2026
YEAR_MONTH_FORMAT = "F Y"  # December 2026
DAY_FORMAT = "D, M j"  # Thu, Dec 17
DAY_AND_YEAR_FORMAT = "D, M j, Y"
FULL_DAY_FORMAT = "l, F j"  # Thursday, December 17
SHORT_DAY_FORMAT = "M j"  # Dec 17
SHORT_DAY_AND_YEAR_FORMAT = "M j, Y"  # Dec 17, 2026
SHORT_DATE_FORMAT = "M j, Y"

CLOCK = "12"
FIRST_DAY_OF_WEEK = 0  # Sunday
