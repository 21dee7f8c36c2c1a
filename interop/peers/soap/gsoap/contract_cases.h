/* The contract's cases with numbers and readings. */

#ifndef RMIX_PEERS_CONTRACT_CASES_H
#define RMIX_PEERS_CONTRACT_CASES_H

struct calls;

int stats_plain(struct calls *calls);
int stats_up(struct calls *calls);
int stats_down(struct calls *calls);
int stats_nan(struct calls *calls);
int stats_none(struct calls *calls);
int reading_whole(struct calls *calls);
int reading_nil(struct calls *calls);
int reading_bare(struct calls *calls);
int reading_fault(struct calls *calls);
int revise_whole(struct calls *calls);
int revise_absent(struct calls *calls);
int revise_empty(struct calls *calls);
int pay_plain(struct calls *calls);
int pay_exact(struct calls *calls);
int settle_card(struct calls *calls);
int settle_cash(struct calls *calls);

#endif
