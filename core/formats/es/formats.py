DATE_FORMAT = r"j \d\e F \d\e Y"  # 17 de diciembre de 2026
YEAR_MONTH_FORMAT = r"F \d\e Y"  # diciembre de 2026
DAY_FORMAT = "D, j b"  # jue, 17 dic
DAY_AND_YEAR_FORMAT = "D, j b Y"
FULL_DAY_FORMAT = r"l, j \d\e F"  # jueves, 17 de diciembre
SHORT_DAY_FORMAT = "j b"  # 17 dic
SHORT_DAY_AND_YEAR_FORMAT = "j b Y"  # 17 dic 2026
SHORT_DATE_FORMAT = "j b Y"

CLOCK = "24"
FIRST_DAY_OF_WEEK = 1  # Monday
