-- The card of the model of no-shows, if one was trained.
select card
from risk_model
