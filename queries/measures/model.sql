-- The card of the model of no-shows, if one was trained. A model knows nothing yet at a moment before its training.
select card
from internal.risk_model
where as_of <= $as_of
