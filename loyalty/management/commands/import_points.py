from crm.management.commands._importing import ImportCommand


class Command(ImportCommand):
    help = "Imports opening balances of points of known customers from a CSV or Excel file. Twice changes nothing."
    kind = "points"
