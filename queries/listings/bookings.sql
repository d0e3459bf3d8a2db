-- Bookings, with separate columns for filters by a slot and filters by the schedule of a course.
select
    *,
    case service_type when 'APPOINTMENT' then 'INDIVIDUAL' when 'CLASS' then 'GROUP' when 'COURSE' then 'COURSE' end
        as tag,
    case booked_entity when 'slot' then service_id end as slot_service_id,
    case booked_entity when 'slot' then schedule_id end as slot_schedule_id,
    case booked_entity when 'slot' then location_id end as slot_location_id,
    case booked_entity when 'schedule' then service_id end as course_service_id,
    case booked_entity when 'schedule' then schedule_id end as course_schedule_id,
    case booked_entity when 'schedule' then location_id end as course_location_id
from booking
