from crm.management.commands._importing import ImportCommand


class Command(ImportCommand):
    help = "Imports conversations with known customers from a CSV or Excel file. Twice changes nothing."
    kind = "conversations"
