from crm.management.commands._importing import ImportCommand


class Command(ImportCommand):
    help = "Imports customers from a CSV or Excel file. The same file twice changes nothing."
    kind = "customers"
