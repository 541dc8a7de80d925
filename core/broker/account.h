/* The money of an account: what books have realised and paid.
 *
 * A book (broker.h) holds the lots and waiting orders of one pair and deals for an account. One account serves one book or several
 * (shared.h): every fill adds to the sums here and to those of the book's own ledger. It does not decide whether or where something fills. */
#ifndef SLD_BROKER_ACCOUNT_H
#define SLD_BROKER_ACCOUNT_H

#include <sliders.h>

typedef struct sld__account {
  double capital;  /* > 0 */
  double leverage; /* > 0: largest notional over equity that a fill may leave */
  double realised, rollover;
  double costs_spread, costs_slippage, costs_commission;
  struct sld__shared *shared; /* what steps its books together; NULL: one book, which is lazy */
} sld__account;

static inline void sld__account_open(sld__account *a, double capital, double leverage) {
  *a = (sld__account){ .capital = capital, .leverage = leverage };
}

/* What the account holds without open lots: ((capital + realised) + rollover) - ((spread + slippage) + commission), in this order. */
static inline double sld__account_cash(const sld__account *a) {
  return ((a->capital + a->realised) + a->rollover) - ((a->costs_spread + a->costs_slippage) + a->costs_commission);
}

#endif
