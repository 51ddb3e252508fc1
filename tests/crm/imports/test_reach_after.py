"""What the cards of an import can be reached by is known when it is done, of new cards as of those here before."""

from crm.models import Customer, Identifier, Reach


def facts(number: str) -> tuple[bool, ...]:
    customer = Customer.objects.get(identifiers__kind="external", identifiers__value=number)
    return Reach.objects.values_list("email", "phone", "ordered", "bought").get(customer=customer)


def test_who_came_with_an_order_has_bought_and_who_came_with_a_refund_has_not(take):
    rows = "7,A-1,2026-01-13,1,", "8,A-2,2026-01-13,1,", "9,A-3,2026-01-13,1,refund", "8,A-4,2026-01-13,1,refund"

    take("orders", "\n".join(["customer_id,order_id,ordered_at,amount,kind", *rows]))

    assert facts("7") == (False, False, True, True)
    assert facts("8") == (False, False, True, True)
    assert facts("9") == (False, False, False, False)


def test_addresses_of_new_cards_and_of_cards_here_before_are_known(take):
    rows = "7,known@people.example,", "8,eva@people.example,", "9,,07700 900142", "10,,"

    take("customers", "\n".join(["customer_id,email,phone", *rows]))

    assert facts("7") == (True, False, False, False)
    assert facts("8") == (True, False, False, False)
    assert facts("9") == (False, True, False, False)
    assert facts("10") == (False, False, False, False)


def test_after_an_import_every_address_tells_of_itself_again(take):
    take("customers", "customer_id,email\n8,eva@people.example\n")
    eva = Customer.objects.get(identifiers__value="eva@people.example")

    Identifier.objects.create(customer=eva, kind="phone", value="+441", normalised="+441")

    assert facts("8") == (True, True, False, False)
