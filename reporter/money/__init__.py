"""What the offers are worth, by the utility's own costs and tariff: cost-effectiveness tests and bills."""

from reporter.money.bills import MonthBills, bills, month_bills
from reporter.money.build import money
from reporter.money.costs import Costs, read_costs
from reporter.money.rows import Bills, Money
from reporter.money.tariff import Tariff, read_tariff
from reporter.money.worth import Worth, worth

__all__ = [
    "Bills",
    "Costs",
    "Money",
    "MonthBills",
    "Tariff",
    "Worth",
    "bills",
    "money",
    "month_bills",
    "read_costs",
    "read_tariff",
    "worth",
]
