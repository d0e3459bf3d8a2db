// Call the fees and orders of the site's SDK as a program would: `node money.mjs ADDRESS BOOKING_ID…` prints the answers.
// The SDK speaks to its own host only, so requests are led to the address here.
import { createClient, ApiKeyStrategy } from '@wix/sdk';
import * as fees from '@wix/auto_sdk_bookings_booking-fees';
import * as bookings from '@wix/auto_sdk_bookings_extended-bookings';

const [address, ...bookingIds] = process.argv.slice(2);
const fetched = globalThis.fetch;
globalThis.fetch = (url, options) => {
  const { pathname, search } = new URL(url);
  return fetched(address + pathname + search, options);
};
const auth = ApiKeyStrategy({ apiKey: 'the-key', siteId: 'site' });
const { listBookingFeesByBookingIds, applyBookingFeesToOrder, collectAppliedBookingFees } = fees;
const { queryExtendedBookings } = bookings;
const modules = {
  fees: { listBookingFeesByBookingIds, applyBookingFeesToOrder, collectAppliedBookingFees },
  bookings: { queryExtendedBookings },
};
const client = createClient({ auth, modules });
const money = { withEcomOrder: true, withBookingFeeDetails: true, withBookingPolicySettings: true };
const codeOf = (call) => call.then(() => null, (error) => error.details.applicationError.code);

console.log(JSON.stringify({
  fees: await client.fees.listBookingFeesByBookingIds({ bookingIds }),
  apply: await codeOf(client.fees.applyBookingFeesToOrder(bookingIds)),
  collect: await codeOf(client.fees.collectAppliedBookingFees(bookingIds[0], { additionalFeeId: bookingIds[0] })),
  bookings: await client.bookings.queryExtendedBookings({ filter: {} }, money),
}));
