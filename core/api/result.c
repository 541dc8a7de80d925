/* Results as the public header shows them. */
#include "engine/result.h"

size_t sld_result_job_count(const sld_result *result) {
  return result->outcome_count;
}

const sld_job *sld_result_job_at(const sld_result *result, size_t i) {
  return i < result->outcome_count ? &result->outcomes[i].job : NULL;
}

const sld_portfolio *sld_result_portfolio(const sld_result *result) {
  return result->has_portfolio ? &result->portfolio : NULL;
}
