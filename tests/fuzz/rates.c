/* Short rates. Input: the description; "%%", and the file. */
#include "fuzz.h"

#include <math.h>

#include "base/alloc.h"
#include "market/rates.h"

static void look(const sld__rates *rates) {
  FUZZ_HOLDS(rates->count > 0);
  for (size_t i = 0; i < rates->count; i++) {
    const sld__short_rate *rate = &rates->list[i];
    FUZZ_HOLDS(rate->count > 0 && rate->lag_ns >= 0 && sld__rates_find(rates, rate->currency) == rate);
    for (size_t k = 0; k < rate->count; k++) {
      FUZZ_HOLDS(isfinite(rate->percent[k]) && (k == 0 || rate->date[k] > rate->date[k - 1]));
      double known[2];
      const int64_t times[2] = { rate->date[k], rate->date[k] + 3 * SLD__NS_PER_DAY };
      sld__short_rate_known_by(rate, times, 2, known);
      FUZZ_HOLDS(!(known[1] != sld__short_rate_known(rate, times[1])) || isnan(known[1]));
      sld__short_rate_on(rate, rate->date[k]);
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = { data, size };
  sld__rates rates = { .allocator = sld__alloc_default() };
  const sld__instruments own = { .allocator = rates.allocator };
  sld_error err = { .status = SLD_OK };
  fuzz_input description = fuzz_part(&in);
  if (description.size > 0) fuzz_file("rates.json", description.data, description.size);
  fuzz_file("rates.csv", in.data, in.size);
  sld_status status = sld__rates_load(&rates, &own, "rates.csv", &err);
  if (status == SLD_OK) look(&rates);
  else fuzz_check_error(status, &err);
  sld__rates_fini(&rates);
  fuzz_files_forget();
  return 0;
}
