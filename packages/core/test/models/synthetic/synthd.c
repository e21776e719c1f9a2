/* synthd - a synthetic OpenAI-compatible server whose true token times are known.
 *
 * One thread, epoll, nanosecond timers from a binary heap. It runs no model: it says words from a fixed list at the
 * times its options draw, and logs when it really wrote them (CLOCK_MONOTONIC), so a client's TTFT/ITL error can be
 * computed. See README.md beside this file for the options, the log format and the traps it can set.
 *
 * build: cc -O2 -std=gnu11 -Wall -Wextra -o synthd synthd.c -lm
 */
#define _GNU_SOURCE
#include "words.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef int64_t ns_t;
static ns_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* ---------------------------------------------------------------- options */
enum dist { D_CONST, D_UNIFORM, D_NORMAL, D_LOGNORMAL, D_EXP };
static const char *dist_names[] = {"const", "uniform", "normal", "lognormal", "exp"};
struct timing {
  double mean_ms, cv;
  enum dist dist;
};
static enum { ROLE_WITH, ROLE_EARLY, ROLE_NONE } o_role = ROLE_WITH;
static struct timing o_ttft = {100, 0, D_CONST}, o_itl = {20, 0, D_CONST};
static double o_prefill_us = 0; /* added to TTFT per prompt token */
static double o_embed_ms = 5, o_embed_item_us = 0;
static int o_dims = 384, o_default_tokens = 128, o_tokens_per_chunk = 1, o_coalesce = 1, o_reasoning = 0, o_slots = 0;
static double o_len_cv = 0; /* early stop, unless ignore_eos */
static ns_t o_step_ns = 0;  /* lockstep grid: every stream's tokens leave on the same tick */
static uint64_t o_seed = 1;
static bool o_log_tokens = false, o_frag = false, o_crlf = false, o_ping = false, o_timings = false,
            o_usage_always = false;
static double o_fail_pct = 0;
static const char *o_model = "synth";
static FILE *o_log = NULL;
static int o_spin_us = 0, o_max_requests = 0, o_port = 8900;

enum fail {
  F_NONE,
  F_500,
  F_503,
  F_429,
  F_HANG,
  F_MIDHANG,
  F_RESETHEAD,
  F_RESET,
  F_TRUNCATE,
  F_MALFORMED,
  F_ERREVENT,
  F_NODONE,
  F_EMPTY,
  F_HTML,
  F_BADUTF8,
  F_KINDS
};
static const char *fail_names[] = {"none",     "500",       "503",   "429",      "hang",
                                   "midhang",  "resethead", "reset", "truncate", "malformed",
                                   "errevent", "nodone",    "empty", "html",     "badutf8"};
static enum fail o_fails[F_KINDS];
static int o_nfails = 0;

/* ---------------------------------------------------------------- random: splitmix64, one stream a request */
struct rng {
  uint64_t s;
};
static uint64_t rnd(struct rng *r) {
  uint64_t z = (r->s += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}
static double rnd01(struct rng *r) { return ((rnd(r) >> 11) + 0.5) * (1.0 / 9007199254740992.0); }
static double gauss(struct rng *r) { return sqrt(-2 * log(rnd01(r))) * cos(2 * M_PI * rnd01(r)); }
static ns_t draw(struct rng *r, const struct timing *t) {
  double m = t->mean_ms, v = m;
  switch (t->dist) {
  case D_CONST: break;
  case D_UNIFORM: v = m * (1 + t->cv * sqrt(3.0) * (2 * rnd01(r) - 1)); break;
  case D_NORMAL: v = m * (1 + t->cv * gauss(r)); break;
  case D_LOGNORMAL: {
    double s2 = log(1 + t->cv * t->cv);
    v = m * exp(sqrt(s2) * gauss(r) - s2 / 2);
    break;
  }
  case D_EXP: v = -m * log(rnd01(r)); break;
  }
  return v <= 0 ? 0 : (ns_t)(v * 1e6);
}

/* ---------------------------------------------------------------- connections */
enum ep { EP_CHAT, EP_COMPL, EP_EMBED };
enum state { S_READ, S_QUEUED, S_WAIT, S_STREAM, S_HUNG };
struct conn {
  int fd, id;
  uint32_t events;
  enum state st;
  bool dead;
  char *rb;
  size_t rn, rc; /* request bytes */
  char *wb;
  size_t wn, wo, wc; /* bytes the socket did not take */
  bool close_after, keepalive;
  ns_t due;
  int hi; /* timer; heap index, -1: none */
  struct conn *qnext;
  /* the request in hand */
  uint64_t seq;
  enum ep ep;
  bool stream, usage, ignore_eos, b64, chunked;
  int max_tokens, n_tokens, prompt_tokens, items, sent;
  enum fail fail;
  int fail_at;
  struct rng rng;
  char xid[96], model[128];
  char pre[512];
  int pren;
  ns_t t_first_byte, t_req, t_slot, t_due1, t_head, t_tok1, t_last, t_done, max_late;
  double sum_itl2;
  ns_t max_itl;
  int32_t *dt;
  int ndt, cdt;
  int chunks;
  int pending;
  char *pb;
  size_t pn, pc;
  long bytes;
  int stalls;
};
static struct conn **heap;
static int hn, hc;
static int epfd, lfd, nconn, peak_conn, active, peak_active;
static int conn_ids;
static struct conn *qhead, *qtail;
static int qlen;
static uint64_t seq;
static uint64_t g_tokens, g_ok, g_failed, g_aborted, g_done;
static ns_t g_maxlate;
static double g_sumlate;
static uint64_t g_nlate;
static float *g_ttft, *g_itl;
static size_t n_ttft, n_itl;
static uint64_t s_ttft, s_itl;
enum { RES = 1 << 18 };
static struct rng g_rng = {7};
static volatile sig_atomic_t stopping;

static void hswap(int a, int b) {
  struct conn *t = heap[a];
  heap[a] = heap[b];
  heap[b] = t;
  heap[a]->hi = a;
  heap[b]->hi = b;
}
static void hup(int i) {
  while (i && heap[(i - 1) / 2]->due > heap[i]->due) {
    hswap(i, (i - 1) / 2);
    i = (i - 1) / 2;
  }
}
static void hdown(int i) {
  for (;;) {
    int l = 2 * i + 1, m = i;
    if (l < hn && heap[l]->due < heap[m]->due) m = l;
    if (l + 1 < hn && heap[l + 1]->due < heap[m]->due) m = l + 1;
    if (m == i) return;
    hswap(i, m);
    i = m;
  }
}
static void timer_set(struct conn *c, ns_t due) {
  if (o_step_ns && c->st == S_STREAM) due = (due + o_step_ns - 1) / o_step_ns * o_step_ns;
  if (c->hi < 0) {
    if (hn == hc) heap = realloc(heap, sizeof *heap * (hc = hc ? hc * 2 : 1024));
    c->due = due;
    c->hi = hn;
    heap[hn++] = c;
    hup(c->hi);
  } else {
    ns_t old = c->due;
    c->due = due;
    if (due < old)
      hup(c->hi);
    else
      hdown(c->hi);
  }
}
static void timer_del(struct conn *c) {
  if (c->hi < 0) return;
  int i = c->hi;
  c->hi = -1;
  hn--;
  if (i != hn) {
    heap[i] = heap[hn];
    heap[i]->hi = i;
    hup(i);
    hdown(heap[i]->hi);
  }
}

static void want(struct conn *c, uint32_t ev) {
  if (c->events == ev) return;
  struct epoll_event e = {.events = ev, .data.ptr = c};
  epoll_ctl(epfd, EPOLL_CTL_MOD, c->fd, &e);
  c->events = ev;
}
static struct conn **graves;
static int ngraves, cgraves;
static void log_req(struct conn *c, const char *end);
static void start_next_queued(void);
static void conn_close(struct conn *c, bool rst, const char *why) {
  if (c->dead) return;
  if (c->st != S_READ) { log_req(c, why); }
  if (c->st == S_WAIT || c->st == S_STREAM || c->st == S_HUNG) active--;
  if (c->st == S_QUEUED) {
    struct conn **p = &qhead, *prev = NULL;
    while (*p && *p != c) {
      prev = *p;
      p = &(*p)->qnext;
    }
    if (*p) {
      *p = c->qnext;
      if (qtail == c) qtail = prev;
      qlen--;
    }
  }
  if (rst) {
    struct linger l = {1, 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
  }
  timer_del(c);
  close(c->fd);
  nconn--;
  c->dead = true;
  if (ngraves == cgraves) graves = realloc(graves, sizeof *graves * (cgraves = cgraves ? cgraves * 2 : 256));
  graves[ngraves++] = c;
  start_next_queued();
}
static void conn_free(struct conn *c) {
  free(c->rb);
  free(c->wb);
  free(c->pb);
  free(c->dt);
  free(c);
}

static void put(struct conn *c, const char *p, size_t n) {
  c->bytes += n;
  if (c->wn == c->wo) {
    c->wn = c->wo = 0;
    ssize_t k = send(c->fd, p, n, MSG_NOSIGNAL);
    if (k < 0) {
      if (errno != EAGAIN && errno != EWOULDBLOCK) {
        conn_close(c, false, "client_gone");
        return;
      }
      k = 0;
    }
    if ((size_t)k == n) return;
    p += k;
    n -= k;
    c->stalls++;
  }
  if (c->wn + n > c->wc) {
    while (c->wn + n > c->wc) c->wc = c->wc ? c->wc * 2 : 4096;
    c->wb = realloc(c->wb, c->wc);
  }
  memcpy(c->wb + c->wn, p, n);
  c->wn += n;
  want(c, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
}
static void pend(struct conn *c, const char *p, size_t n) { /* gather, so that one token is one send() */
  if (c->pn + n > c->pc) {
    while (c->pn + n > c->pc) c->pc = c->pc ? c->pc * 2 : 2048;
    c->pb = realloc(c->pb, c->pc);
  }
  memcpy(c->pb + c->pn, p, n);
  c->pn += n;
}
static void flush_pend(struct conn *c) {
  if (!c->pn) return;
  size_t n = c->pn;
  c->pn = 0;
  if (o_frag && n > 8) {
    size_t a = 1 + rnd(&c->rng) % (n - 2);
    put(c, c->pb, a);
    if (!c->dead) put(c, c->pb + a, n - a);
  } else
    put(c, c->pb, n);
}
static void pend_chunk(struct conn *c, const char *p, size_t n) { /* HTTP/1.1 chunk around an SSE event */
  char h[24];
  if (!n) return;
  if (c->chunked) pend(c, h, sprintf(h, "%zx\r\n", n));
  pend(c, p, n);
  if (c->chunked) pend(c, "\r\n", 2);
}
static void event(struct conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void event(struct conn *c, const char *fmt, ...) {
  char b[2048];
  int n = sprintf(b, "data: ");
  va_list ap;
  va_start(ap, fmt);
  n += vsnprintf(b + n, sizeof b - 8 - n, fmt, ap);
  va_end(ap);
  n += sprintf(b + n, o_crlf ? "\r\n\r\n" : "\n\n");
  pend_chunk(c, b, n);
}

/* ---------------------------------------------------------------- truth log */
static void reservoir(float *a, size_t *n, uint64_t *seen, double v) {
  if (*n < RES)
    a[(*n)++] = v;
  else {
    uint64_t k = rnd(&g_rng) % (*seen + 1);
    if (k < RES) a[k] = v;
  }
  (*seen)++;
}
static void log_req(struct conn *c, const char *end) {
  g_done++;
  if (c->fail)
    g_failed++;
  else if (!strcmp(end, "ok"))
    g_ok++;
  else
    g_aborted++;
  if (c->t_tok1) reservoir(g_ttft, &n_ttft, &s_ttft, (c->t_tok1 - c->t_req) / 1e6);
  if (!o_log) return;
  fprintf(o_log,
          "{\"seq\":%llu,\"conn\":%d,\"xid\":\"%s\",\"ep\":%d,\"stream\":%d,\"fail\":\"%s\",\"end\":\"%s\",\"prompt_"
          "tokens\":%d,\"max_tokens\":%d,\"tokens\":%d,\"chunks\":%d,\"t_first_byte\":%lld,\"t_req\":%lld,\"t_slot\":%"
          "lld,\"t_due1\":%lld,\"t_head\":%lld,\"t_tok1\":%lld,\"t_last\":%lld,\"t_done\":%lld,\"max_itl_ns\":%lld,"
          "\"max_late_ns\":%lld,\"bytes\":%ld,\"stalls\":%d",
          (unsigned long long)c->seq, c->id, c->xid, c->ep, c->stream, fail_names[c->fail], end, c->prompt_tokens,
          c->max_tokens, c->sent, c->chunks, (long long)c->t_first_byte, (long long)c->t_req, (long long)c->t_slot,
          (long long)c->t_due1, (long long)c->t_head, (long long)c->t_tok1, (long long)c->t_last, (long long)c->t_done,
          (long long)c->max_itl, (long long)c->max_late, c->bytes, c->stalls);
  if (o_log_tokens) {
    fprintf(o_log, ",\"dt_us\":[");
    for (int i = 0; i < c->ndt; i++) fprintf(o_log, i ? ",%d" : "%d", c->dt[i]);
    fputc(']', o_log);
  }
  fputs("}\n", o_log);
}
static int cmpf(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}
static int stats_json(char *b, size_t cap) {
  qsort(g_ttft, n_ttft, sizeof *g_ttft, cmpf);
  qsort(g_itl, n_itl, sizeof *g_itl, cmpf);
  double mt = 0, mi = 0;
  for (size_t i = 0; i < n_ttft; i++) mt += g_ttft[i];
  for (size_t i = 0; i < n_itl; i++) mi += g_itl[i];
#define Q(a, n, q) ((n) ? a[(size_t)((q) * ((n) - 1))] : 0.0f)
  struct rusage ru;
  getrusage(RUSAGE_SELF, &ru);
  return snprintf(b, cap,
                  "{\"requests\":%llu,\"ok\":%llu,\"failed_on_purpose\":%llu,\"client_aborted\":%llu,\"tokens\":%llu,"
                  "\"peak_connections\":%d,\"peak_active\":%d,\"cpu_s\":%.3f,\"timer_late_us\":{\"mean\":%.1f,\"max\":%"
                  ".1f},\"ttft_ms\":{\"n\":%llu,\"mean\":%.4f,\"p50\":%.4f,\"p90\":%.4f,\"p99\":%.4f},\"itl_ms\":{"
                  "\"n\":%llu,\"mean\":%.4f,\"p50\":%.4f,\"p90\":%.4f,\"p99\":%.4f}}\n",
                  (unsigned long long)g_done, (unsigned long long)g_ok, (unsigned long long)g_failed,
                  (unsigned long long)g_aborted, (unsigned long long)g_tokens, peak_conn, peak_active,
                  ru.ru_utime.tv_sec + ru.ru_utime.tv_usec / 1e6 + ru.ru_stime.tv_sec + ru.ru_stime.tv_usec / 1e6,
                  g_nlate ? g_sumlate / g_nlate / 1e3 : 0, g_maxlate / 1e3, (unsigned long long)s_ttft,
                  n_ttft ? mt / n_ttft : 0, Q(g_ttft, n_ttft, .5), Q(g_ttft, n_ttft, .9), Q(g_ttft, n_ttft, .99),
                  (unsigned long long)s_itl, n_itl ? mi / n_itl : 0, Q(g_itl, n_itl, .5), Q(g_itl, n_itl, .9),
                  Q(g_itl, n_itl, .99));
}

/* ---------------------------------------------------------------- a reply */
static void process(struct conn *c);
static void simple(struct conn *c, int code, const char *reason, const char *type, const char *body, size_t n,
                   const char *extra) {
  char h[512];
  int k = sprintf(h, "HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %zu\r\n%s%s\r\n", code, reason, type, n,
                  extra ? extra : "", c->keepalive ? "" : "connection: close\r\n");
  pend(c, h, k);
  pend(c, body, n);
  flush_pend(c);
}
static void finish(struct conn *c, const char *end) {
  if (c->dead) return;
  c->t_done = now_ns();
  log_req(c, end);
  timer_del(c);
  active--;
  c->st = S_READ;
  c->t_first_byte = 0;
  start_next_queued();
  if (o_max_requests && g_done >= (uint64_t)o_max_requests) stopping = 1;
  if (!c->keepalive || c->close_after) {
    if (c->wn == c->wo)
      conn_close(c, false, "");
    else
      c->close_after = true;
    return;
  }
  if (c->rn) process(c);
}
static void stream_head(struct conn *c) {
  if (c->t_head) return;
  c->t_head = now_ns();
  char h[256];
  pend(c, h,
       sprintf(h,
               "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n%s\r\n",
               c->chunked ? "transfer-encoding: chunked\r\n" : "connection: close\r\n"));
}
static void role_chunk(struct conn *c) {
  if (c->ep == EP_CHAT && o_role != ROLE_NONE)
    event(c,
          "%s{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}"
          "]}",
          c->pre);
}
static int add_words(struct conn *c, char *b, int k) {
  char *p = b;
  for (int i = 0; i < k; i++) {
    const char *w = words[rnd(&c->rng) % NWORDS];
    *p++ = ' ';
    size_t n = strlen(w);
    memcpy(p, w, n);
    p += n;
  }
  *p = 0;
  return p - b;
}
static void tail_events(struct conn *c) {
  const char *fin = c->sent >= c->max_tokens ? "length" : "stop";
  if (c->ep == EP_CHAT)
    event(c, "%s{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"%s\"}]}", c->pre, fin);
  else
    event(c, "%s{\"index\":0,\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"%s\"}]}", c->pre, fin);
  if (c->usage || o_usage_always || o_timings) {
    char tm[256] = "";
    if (o_timings)
      sprintf(tm, ",\"timings\":{\"prompt_n\":%d,\"prompt_ms\":%.3f,\"predicted_n\":%d,\"predicted_ms\":%.3f}",
              c->prompt_tokens, (c->t_tok1 - c->t_slot) / 1e6, c->sent, (c->t_last - c->t_tok1) / 1e6);
    char us[256] = "";
    if (c->usage || o_usage_always)
      sprintf(us, ",\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}", c->prompt_tokens,
              c->sent, c->prompt_tokens + c->sent);
    event(c, "%s]%s%s}", c->pre, us, tm);
  }
  if (c->fail != F_NODONE) event(c, "[DONE]");
}
static void tick(struct conn *c) { /* a timer of c has run out */
  ns_t t = now_ns(), late = t - c->due;
  if (late > c->max_late) c->max_late = late;
  if (late > g_maxlate) g_maxlate = late;
  g_sumlate += late;
  g_nlate++;
  if (c->ep == EP_EMBED) {
    char *b = malloc(64 + (size_t)c->items * (o_dims * 12 + 64) + 256), *p = b;
    p += sprintf(p, "{\"object\":\"list\",\"data\":[");
    static const char al[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < c->items; i++) {
      p += sprintf(p, "%s{\"object\":\"embedding\",\"index\":%d,\"embedding\":", i ? "," : "", i);
      if (c->b64) {
        *p++ = '"';
        int nb = o_dims * 4;
        uint8_t tmp[3];
        for (int k = 0; k < nb; k += 3) {
          for (int j = 0; j < 3; j++) {
            float f = (float)(rnd01(&c->rng) - .5) * .1f;
            uint8_t fb[4];
            memcpy(fb, &f, 4);
            tmp[j] = (k + j) % 4 == 3 ? 0x3c : fb[(k + j) % 4];
          }
          int left = nb - k;
          *p++ = al[tmp[0] >> 2];
          *p++ = al[(tmp[0] & 3) << 4 | (left > 1 ? tmp[1] >> 4 : 0)];
          *p++ = left > 1 ? al[(tmp[1] & 15) << 2 | (left > 2 ? tmp[2] >> 6 : 0)] : '=';
          *p++ = left > 2 ? al[tmp[2] & 63] : '=';
        }
        *p++ = '"';
      } else {
        *p++ = '[';
        for (int k = 0; k < o_dims; k++) p += sprintf(p, k ? ",%.6f" : "%.6f", (rnd01(&c->rng) - .5) * .1);
        *p++ = ']';
      }
      *p++ = '}';
    }
    p += sprintf(p, "],\"model\":\"%s\",\"usage\":{\"prompt_tokens\":%d,\"total_tokens\":%d}}", c->model,
                 c->prompt_tokens, c->prompt_tokens);
    c->t_tok1 = c->t_last = now_ns();
    simple(c, 200, "OK", "application/json", b, p - b, NULL);
    free(b);
    finish(c, "ok");
    return;
  }
  if (!c->stream) {
    char *w = malloc(32 * (size_t)c->n_tokens + 1);
    add_words(c, w, c->n_tokens);
    c->sent = c->n_tokens;
    char *b = malloc(strlen(w) + 1024);
    int n;
    const char *fin = c->sent >= c->max_tokens ? "length" : "stop";
    c->t_tok1 = c->t_last = now_ns();
    g_tokens += c->sent;
    if (c->ep == EP_CHAT)
      n = sprintf(
          b,
          "{\"id\":\"chatcmpl-%llu\",\"object\":\"chat.completion\",\"created\":%ld,\"model\":\"%s\",\"choices\":[{"
          "\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"logprobs\":null,\"finish_reason\":\"%"
          "s\"}],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}}",
          (unsigned long long)c->seq, time(NULL), c->model, w, fin, c->prompt_tokens, c->sent,
          c->prompt_tokens + c->sent);
    else
      n = sprintf(b,
                  "{\"id\":\"cmpl-%llu\",\"object\":\"text_completion\",\"created\":%ld,\"model\":\"%s\",\"choices\":[{"
                  "\"index\":0,\"text\":\"%s\",\"logprobs\":null,\"finish_reason\":\"%s\"}],\"usage\":{\"prompt_"
                  "tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}}",
                  (unsigned long long)c->seq, time(NULL), c->model, w, fin, c->prompt_tokens, c->sent,
                  c->prompt_tokens + c->sent);
    if (c->fail == F_MALFORMED) n /= 2;
    simple(c, 200, "OK", "application/json", b, n, NULL);
    free(w);
    free(b);
    finish(c, "ok");
    return;
  }
  if (!c->t_head) { stream_head(c); }
  if (c->sent == 0 && !c->t_tok1 && o_role == ROLE_WITH) role_chunk(c);
  if (o_ping && rnd(&c->rng) % 8 == 0) {
    const char *pg = o_crlf ? ": ping\r\n\r\n" : ": ping\n\n";
    pend_chunk(c, pg, strlen(pg));
  }
  if (c->fail && c->sent >= c->fail_at) switch (c->fail) {
    case F_EMPTY:
      event(c, "[DONE]");
      if (c->chunked) pend(c, "0\r\n\r\n", 5);
      flush_pend(c);
      finish(c, "ok");
      return;
    case F_MIDHANG:
      flush_pend(c);
      if (c->dead) return;
      timer_del(c);
      c->st = S_HUNG;
      return;
    case F_RESET:
      flush_pend(c);
      conn_close(c, true, "reset");
      return;
    case F_TRUNCATE:
      flush_pend(c);
      conn_close(c, false, "truncate");
      return;
    case F_ERREVENT:
      event(c, "{\"error\":{\"message\":\"engine died\",\"type\":\"internal_error\",\"code\":500}}");
      if (c->chunked) pend(c, "0\r\n\r\n", 5);
      flush_pend(c);
      finish(c, "ok");
      return;
    case F_MALFORMED: event(c, "%s{\"index\":0,\"delta\":{\"content\":\"bro", c->pre); break;
    case F_BADUTF8:
      event(c, "%s{\"index\":0,\"delta\":{\"content\":\" \xc3\x28\xff\"},\"finish_reason\":null}]}", c->pre);
      break;
    default: break;
    }
  if (c->fail == F_MALFORMED || c->fail == F_BADUTF8)
    if (c->sent >= c->fail_at) c->fail_at = 1 << 30;
  int k = o_tokens_per_chunk;
  if (c->sent + k > c->n_tokens) k = c->n_tokens - c->sent;
  char w[2048];
  add_words(c, w, k > 64 ? 64 : k);
  if (c->ep == EP_CHAT)
    event(c, "%s{\"index\":0,\"delta\":{\"%s\":\"%s\"},\"logprobs\":null,\"finish_reason\":null}]}", c->pre,
          c->sent < o_reasoning ? "reasoning_content" : "content", w);
  else
    event(c, "%s{\"index\":0,\"text\":\"%s\",\"logprobs\":null,\"finish_reason\":null}]}", c->pre, w);
  c->sent += k;
  g_tokens += k;
  c->chunks++;
  c->pending++;
  bool last = c->sent >= c->n_tokens;
  if (c->pending >= o_coalesce || last) {
    t = now_ns();
    if (!c->t_tok1)
      c->t_tok1 = t;
    else {
      ns_t d = t - c->t_last;
      if (d > c->max_itl) c->max_itl = d;
      reservoir(g_itl, &n_itl, &s_itl, d / 1e6);
      if (o_log_tokens) {
        if (c->ndt == c->cdt) c->dt = realloc(c->dt, sizeof *c->dt * (c->cdt = c->cdt ? c->cdt * 2 : 128));
        c->dt[c->ndt++] = (d + 500) / 1000;
      }
    }
    c->t_last = t;
    c->pending = 0;
    flush_pend(c);
    if (c->dead) return;
  }
  if (last) {
    tail_events(c);
    if (c->chunked) pend(c, "0\r\n\r\n", 5);
    flush_pend(c);
    finish(c, "ok");
    return;
  }
  timer_set(c, c->due + draw(&c->rng, &o_itl));
}
static void begin(struct conn *c) { /* a slot is free: start the clock of the reply */
  ns_t t = now_ns();
  c->t_slot = t;
  c->st = S_WAIT;
  if (++active > peak_active) peak_active = active;
  switch (c->fail) {
  case F_500: {
    const char *b = "{\"error\":{\"message\":\"internal error\",\"type\":\"server_error\",\"code\":500}}";
    simple(c, 500, "Internal Server Error", "application/json", b, strlen(b), NULL);
    finish(c, "ok");
    return;
  }
  case F_503: {
    const char *b = "{\"error\":{\"message\":\"Loading model\",\"type\":\"unavailable_error\",\"code\":503}}";
    simple(c, 503, "Service Unavailable", "application/json", b, strlen(b), NULL);
    finish(c, "ok");
    return;
  }
  case F_429: {
    const char *b = "{\"error\":{\"message\":\"rate limited\",\"type\":\"rate_limit\",\"code\":429}}";
    simple(c, 429, "Too Many Requests", "application/json", b, strlen(b), "retry-after: 1\r\n");
    finish(c, "ok");
    return;
  }
  case F_HTML: {
    const char *b = "<html><body>502 Bad Gateway</body></html>";
    simple(c, 200, "OK", "text/html", b, strlen(b), NULL);
    finish(c, "ok");
    return;
  }
  case F_HANG: c->st = S_HUNG; return;
  case F_RESETHEAD: conn_close(c, true, "reset"); return;
  default: break;
  }
  ns_t d;
  if (c->ep == EP_EMBED)
    d = (ns_t)(o_embed_ms * 1e6 + o_embed_item_us * 1e3 * c->items);
  else {
    d = draw(&c->rng, &o_ttft) + (ns_t)(o_prefill_us * 1e3 * c->prompt_tokens);
    if (!c->stream)
      for (int i = 1; i < c->n_tokens; i += o_tokens_per_chunk) d += draw(&c->rng, &o_itl);
    else
      c->st = S_STREAM;
  }
  c->ndt = 0;
  timer_set(c, t + d);
  c->t_due1 = c->due;
  if (c->stream && o_role == ROLE_EARLY && c->fail != F_EMPTY) {
    stream_head(c);
    role_chunk(c);
    flush_pend(c);
  }
}
static void start_next_queued(void) {
  while (qhead && (!o_slots || active < o_slots)) {
    struct conn *c = qhead;
    qhead = c->qnext;
    if (!qhead) qtail = NULL;
    qlen--;
    begin(c);
  }
}

/* ---------------------------------------------------------------- a request */
static const char *skip_ws(const char *p, const char *e) {
  while (p < e && isspace((unsigned char)*p)) p++;
  return p;
}
static const char *skip_str(const char *p, const char *e) {
  for (p++; p < e; p++) {
    if (*p == '\\')
      p++;
    else if (*p == '"')
      return p + 1;
  }
  return e;
}
static const char *skip_val(const char *p, const char *e) {
  p = skip_ws(p, e);
  if (p >= e) return e;
  if (*p == '"') return skip_str(p, e);
  if (*p == '{' || *p == '[') {
    int d = 0;
    while (p < e) {
      if (*p == '"') {
        p = skip_str(p, e);
        continue;
      }
      if (*p == '{' || *p == '[') d++;
      if (*p == '}' || *p == ']')
        if (--d == 0) return p + 1;
      p++;
    }
    return e;
  }
  while (p < e && *p != (char)44 && *p != (char)125 && *p != (char)93) p++;
  return p;
}
static int words_in(const char *p, const char *e) {
  int n = 0;
  bool in = false;
  for (; p < e; p++) {
    bool w = !isspace((unsigned char)*p);
    if (w && !in) n++;
    in = w;
  }
  return n;
}
static int text_words(const char *p, const char *e, int *strs) {
  int n = 0;
  while (p < e) {
    if (*p == '"') {
      const char *q = skip_str(p, e);
      n += words_in(p + 1, q - 1);
      (*strs)++;
      p = q;
    } else
      p++;
  }
  return n;
}
static void copy_plain(char *d, size_t cap, const char *s, size_t n) {
  size_t k = 0;
  for (size_t i = 0; i < n && k + 1 < cap; i++) {
    unsigned char ch = s[i];
    if (ch >= 0x20 && ch < 0x7f && ch != '"' && ch != '\\') d[k++] = ch;
  }
  d[k] = 0;
}
static bool parse_body(struct conn *c, const char *p, const char *e) {
  p = skip_ws(p, e);
  if (p >= e || *p != '{') return false;
  p++;
  while ((p = skip_ws(p, e)) < e && *p != '}') {
    if (*p == ',') {
      p++;
      continue;
    }
    if (*p != '"') return false;
    const char *k = p + 1;
    p = skip_str(p, e);
    size_t kn = p - k - 1;
    p = skip_ws(p, e);
    if (p >= e || *p != ':') return false;
    p = skip_ws(p + 1, e);
    const char *v = p;
    p = skip_val(p, e);
    size_t vn = p - v;
#define KEY(s) (kn == sizeof s - 1 && !memcmp(k, s, kn))
    if ((KEY("max_tokens") || KEY("max_completion_tokens") || KEY("n_predict")) && vn && isdigit((unsigned char)*v))
      c->max_tokens = atoi(v);
    else if (KEY("stream"))
      c->stream = vn && *v == 't';
    else if (KEY("ignore_eos"))
      c->ignore_eos = vn && *v == 't';
    else if (KEY("model") && vn > 2)
      copy_plain(c->model, sizeof c->model, v + 1, vn - 2);
    else if (KEY("stream_options")) {
      const char *u = memmem(v, vn, "\"include_usage\"", 15);
      if (u) {
        u += 15;
        while (u < p && (*u == ':' || isspace((unsigned char)*u))) u++;
        c->usage = u < p && *u == 't';
      }
    } else if (KEY("encoding_format"))
      c->b64 = vn > 2 && v[1] == 'b';
    else if (KEY("messages") || KEY("prompt")) {
      int s = 0;
      c->prompt_tokens = text_words(v, p, &s);
    } else if (KEY("input")) {
      int s = 0;
      c->prompt_tokens = text_words(v, p, &s);
      if (*v == '[') {
        if (s)
          c->items = s;
        else {
          int d = 0, arr = 0;
          for (const char *q = v; q < p; q++) {
            if (*q == '[' && ++d == 2) arr++;
            if (*q == ']') d--;
          }
          c->items = arr ? arr : 1;
        }
      } else
        c->items = 1;
    }
  }
  return true;
}
static void process(struct conn *c) {
  while (!c->dead && c->st == S_READ && c->rn) {
    char *he = memmem(c->rb, c->rn, "\r\n\r\n", 4);
    if (!he) return;
    size_t hl = he + 4 - c->rb;
    size_t cl = 0;
    bool te = false;
    c->keepalive = memmem(c->rb, hl, "HTTP/1.1", 8) != NULL;
    c->chunked = c->keepalive;
    c->xid[0] = 0;
    bool expect = false;
    for (char *l = memmem(c->rb, hl, "\r\n", 2) + 2; l < he;) {
      char *le = memmem(l, he + 2 - l, "\r\n", 2);
      if (!le) break;
      size_t n = le - l;
      if (n > 15 && !strncasecmp(l, "content-length:", 15))
        cl = strtoul(l + 15, NULL, 10);
      else if (n > 18 && !strncasecmp(l, "transfer-encoding:", 18))
        te = true;
      else if (n > 7 && !strncasecmp(l, "expect:", 7))
        expect = true;
      else if (n > 11 && !strncasecmp(l, "connection:", 11)) {
        if (memmem(l, n, "close", 5)) c->keepalive = false;
      } else if (n > 13 && !strncasecmp(l, "x-request-id:", 13)) {
        char *v = l + 13;
        while (v < le && *v == ' ') v++;
        copy_plain(c->xid, sizeof c->xid, v, le - v);
      }
      l = le + 2;
    }
    char *body = c->rb + hl;
    size_t used;
    if (te) { /* de-chunk in place once the whole is here */
      char *s = body, *d = body, *e = c->rb + c->rn;
      bool whole = false;
      for (;;) {
        char *nl = memmem(s, e - s, "\r\n", 2);
        if (!nl) break;
        size_t n = strtoul(s, NULL, 16);
        if ((size_t)(e - nl) < n + 4) break;
        s = nl + 2;
        if (!n) {
          s += 2;
          whole = true;
          break;
        }
        s += n + 2;
      }
      if (!whole) {
        if (expect && c->rn == hl) put(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
        return;
      }
      char *stop = s;
      s = body;
      for (;;) {
        char *nl = memmem(s, e - s, "\r\n", 2);
        size_t n = strtoul(s, NULL, 16);
        if (!n) break;
        memmove(d, nl + 2, n);
        d += n;
        s = nl + 2 + n + 2;
      }
      cl = d - body;
      used = stop - c->rb;
    } else {
      if (c->rn < hl + cl) {
        if (expect && c->rn == hl) put(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
        return;
      }
      used = hl + cl;
    }
    ns_t t = now_ns();
    bool post = !strncmp(c->rb, "POST ", 5);
    char *path = c->rb + (post ? 5 : 4);
    size_t pl = strcspn(path, " ?\r\n");
#define PATH(s) (pl == sizeof s - 1 && !memcmp(path, s, pl))
    bool gen = post && (PATH("/v1/chat/completions") || PATH("/v1/completions") || PATH("/v1/embeddings"));
    if (!gen) {
      char *b = malloc(8192);
      int n;
      if (PATH("/v1/models"))
        n = sprintf(b,
                    "{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"object\":\"model\",\"created\":1,\"owned_by\":"
                    "\"synthd\",\"max_model_len\":131072}]}",
                    o_model);
      else if (PATH("/_synth/stats"))
        n = stats_json(b, 8192);
      else if (PATH("/_synth/reset")) {
        n_ttft = n_itl = s_ttft = s_itl = 0;
        g_tokens = g_ok = g_failed = g_aborted = g_done = 0;
        g_maxlate = 0;
        g_sumlate = 0;
        g_nlate = 0;
        peak_conn = nconn;
        peak_active = active;
        n = sprintf(b, "{}");
      } else if (PATH("/health") || PATH("/ping") || PATH("/v1/health"))
        n = sprintf(b, "{\"status\":\"ok\"}");
      else if (PATH("/metrics"))
        n = sprintf(b, "# TYPE synthd_tokens_total counter\nsynthd_tokens_total %llu\n", (unsigned long long)g_tokens);
      else
        n = -sprintf(b, "{\"error\":{\"message\":\"not found\",\"code\":404}}");
      if (n < 0)
        simple(c, 404, "Not Found", "application/json", b, -n, NULL);
      else
        simple(c, 200, "OK", PATH("/metrics") ? "text/plain; version=0.0.4" : "application/json", b, n, NULL);
      free(b);
      if (c->dead) return;
      memmove(c->rb, c->rb + used, c->rn - used);
      c->rn -= used;
      if (!c->keepalive) {
        conn_close(c, false, "");
        return;
      }
      continue;
    }
    c->ep = PATH("/v1/embeddings") ? EP_EMBED : PATH("/v1/completions") ? EP_COMPL : EP_CHAT;
    c->stream = c->usage = c->ignore_eos = c->b64 = false;
    c->max_tokens = o_default_tokens;
    c->prompt_tokens = 0;
    c->items = 1;
    c->sent = c->chunks = c->pending = c->stalls = c->ndt = 0;
    c->bytes = 0;
    c->t_req = t;
    if (!c->t_first_byte) c->t_first_byte = t;
    c->t_slot = c->t_due1 = c->t_head = c->t_tok1 = c->t_last = c->t_done = c->max_late = c->max_itl = 0;
    strcpy(c->model, o_model);
    if (!parse_body(c, body, body + cl)) {
      const char *b = "{\"error\":{\"message\":\"bad json\",\"code\":400}}";
      simple(c, 400, "Bad Request", "application/json", b, strlen(b), NULL);
      if (c->dead) return;
      memmove(c->rb, c->rb + used, c->rn - used);
      c->rn -= used;
      continue;
    }
    memmove(c->rb, c->rb + used, c->rn - used);
    c->rn -= used;
    if (c->max_tokens < 1) c->max_tokens = 1;
    c->seq = seq++;
    c->rng.s = o_seed * 0x9E3779B97F4A7C15ULL ^ (c->seq + 1) * 0xD1B54A32D192ED03ULL;
    rnd(&c->rng);
    c->n_tokens = c->max_tokens;
    if (o_len_cv > 0 && !c->ignore_eos) {
      int n = (int)(c->max_tokens * (1 - fabs(gauss(&c->rng)) * o_len_cv));
      c->n_tokens = n < 1 ? 1 : n;
    }
    c->fail = F_NONE;
    c->fail_at = 0;
    if (o_nfails && rnd01(&c->rng) * 100 < o_fail_pct) {
      c->fail = o_fails[rnd(&c->rng) % o_nfails];
      c->fail_at = c->n_tokens / 2;
      if (c->fail == F_EMPTY) c->fail_at = 0;
    }
    if (c->ep == EP_CHAT)
      c->pren = snprintf(c->pre, sizeof c->pre,
                         "{\"id\":\"chatcmpl-%llu\",\"object\":\"chat.completion.chunk\",\"created\":%ld,\"model\":\"%"
                         "s\",\"choices\":[",
                         (unsigned long long)c->seq, time(NULL), c->model);
    else
      c->pren = snprintf(
          c->pre, sizeof c->pre,
          "{\"id\":\"cmpl-%llu\",\"object\":\"text_completion\",\"created\":%ld,\"model\":\"%s\",\"choices\":[",
          (unsigned long long)c->seq, time(NULL), c->model);
    c->st = S_QUEUED;
    c->qnext = NULL;
    if (o_slots && active >= o_slots) {
      if (qtail)
        qtail->qnext = c;
      else
        qhead = c;
      qtail = c;
      qlen++;
      return;
    }
    begin(c);
  }
}
static void on_read(struct conn *c) {
  for (;;) {
    if (c->rc - c->rn < 16384) c->rb = realloc(c->rb, c->rc = c->rc ? c->rc * 2 : 32768);
    ssize_t n = recv(c->fd, c->rb + c->rn, c->rc - c->rn, 0);
    if (n == 0) {
      conn_close(c, false, "client_closed");
      return;
    }
    if (n < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      conn_close(c, false, "client_reset");
      return;
    }
    if (c->st == S_READ && !c->t_first_byte) c->t_first_byte = now_ns();
    size_t room = c->rc - c->rn;
    c->rn += n;
    if ((size_t)n < room) break;
  }
  process(c);
}

/* ---------------------------------------------------------------- main */
static void on_sig(int s) {
  (void)s;
  stopping = 1;
}
static bool parse_timing(struct timing *t, const char *s) { /* MEAN_MS[:dist[:cv]] */
  char *e;
  t->mean_ms = strtod(s, &e);
  if (!*e) return true;
  if (*e != ':') return false;
  e++;
  size_t n = strcspn(e, ":");
  int i;
  for (i = 0; i < 5; i++)
    if (strlen(dist_names[i]) == n && !strncmp(e, dist_names[i], n)) break;
  if (i == 5) return false;
  t->dist = i;
  if (e[n] == ':') t->cv = atof(e + n + 1);
  return true;
}
static void usage(int rc) {
  fputs("synthd [options]   (times are MEAN_MS[:const|uniform|normal|lognormal|exp[:CV]])\n"
        "  --port N (8900; 0: any)   --host A (127.0.0.1)   --model NAME   --seed N   --log FILE.jsonl   --log-tokens  "
        " --stop-after N\n"
        "  --ttft T (100)   --prefill-us-per-token X   --itl T (20)   --tokens N (128, when the request names none)   "
        "--len-cv X   --slots N (0: no queue)\n"
        "  --lockstep-ms X   --tokens-per-chunk N   --coalesce N   --role with|early|none   --reasoning N   "
        "--usage-always   --timings\n"
        "  --frag   --crlf   --ping   --fail-pct P   --fail k1,k2,... (500 503 429 hang midhang resethead reset "
        "truncate malformed errevent nodone empty html badutf8)\n"
        "  --embed-ms X   --embed-us-per-item X   --dims N   --spin-us N   --rt (SCHED_FIFO 50)   --cpu N\n",
        rc ? stderr : stdout);
  exit(rc);
}
int main(int argc, char **argv) {
  enum {
    O_PORT = 256,
    O_HOST,
    O_MODEL,
    O_SEED,
    O_LOG,
    O_LOGTOK,
    O_STOP,
    O_TTFT,
    O_PREFILL,
    O_ITL,
    O_TOKENS,
    O_LENCV,
    O_SLOTS,
    O_STEP,
    O_TPC,
    O_COAL,
    O_ROLE,
    O_REAS,
    O_USAGE,
    O_TIMINGS,
    O_FRAG,
    O_CRLF,
    O_PING,
    O_FAILPCT,
    O_FAIL,
    O_EMS,
    O_EUS,
    O_DIMS,
    O_SPIN,
    O_RT,
    O_CPU
  };
  static struct option lo[] = {{"port", 1, 0, O_PORT},
                               {"host", 1, 0, O_HOST},
                               {"model", 1, 0, O_MODEL},
                               {"seed", 1, 0, O_SEED},
                               {"log", 1, 0, O_LOG},
                               {"log-tokens", 0, 0, O_LOGTOK},
                               {"stop-after", 1, 0, O_STOP},
                               {"ttft", 1, 0, O_TTFT},
                               {"prefill-us-per-token", 1, 0, O_PREFILL},
                               {"itl", 1, 0, O_ITL},
                               {"tokens", 1, 0, O_TOKENS},
                               {"len-cv", 1, 0, O_LENCV},
                               {"slots", 1, 0, O_SLOTS},
                               {"lockstep-ms", 1, 0, O_STEP},
                               {"tokens-per-chunk", 1, 0, O_TPC},
                               {"coalesce", 1, 0, O_COAL},
                               {"role", 1, 0, O_ROLE},
                               {"reasoning", 1, 0, O_REAS},
                               {"usage-always", 0, 0, O_USAGE},
                               {"timings", 0, 0, O_TIMINGS},
                               {"frag", 0, 0, O_FRAG},
                               {"crlf", 0, 0, O_CRLF},
                               {"ping", 0, 0, O_PING},
                               {"fail-pct", 1, 0, O_FAILPCT},
                               {"fail", 1, 0, O_FAIL},
                               {"embed-ms", 1, 0, O_EMS},
                               {"embed-us-per-item", 1, 0, O_EUS},
                               {"dims", 1, 0, O_DIMS},
                               {"spin-us", 1, 0, O_SPIN},
                               {"rt", 0, 0, O_RT},
                               {"cpu", 1, 0, O_CPU},
                               {"help", 0, 0, 'h'},
                               {0, 0, 0, 0}};
  const char *host = "127.0.0.1";
  bool rt = false;
  int o, cpu = -1;
  while ((o = getopt_long(argc, argv, "h", lo, NULL)) != -1) switch (o) {
    case O_PORT: o_port = atoi(optarg); break;
    case O_HOST: host = optarg; break;
    case O_MODEL: o_model = optarg; break;
    case O_SEED: o_seed = strtoull(optarg, 0, 10); break;
    case O_LOG:
      o_log = fopen(optarg, "w");
      if (!o_log) {
        perror(optarg);
        return 1;
      }
      setvbuf(o_log, malloc(1 << 20), _IOFBF, 1 << 20);
      break;
    case O_LOGTOK: o_log_tokens = true; break;
    case O_STOP: o_max_requests = atoi(optarg); break;
    case O_TTFT:
      if (!parse_timing(&o_ttft, optarg)) usage(2);
      break;
    case O_ITL:
      if (!parse_timing(&o_itl, optarg)) usage(2);
      break;
    case O_PREFILL: o_prefill_us = atof(optarg); break;
    case O_TOKENS: o_default_tokens = atoi(optarg); break;
    case O_LENCV: o_len_cv = atof(optarg); break;
    case O_SLOTS: o_slots = atoi(optarg); break;
    case O_STEP: o_step_ns = (ns_t)(atof(optarg) * 1e6); break;
    case O_TPC:
      o_tokens_per_chunk = atoi(optarg);
      if (o_tokens_per_chunk < 1 || o_tokens_per_chunk > 64) usage(2);
      break;
    case O_COAL: o_coalesce = atoi(optarg); break;
    case O_ROLE:
      o_role = !strcmp(optarg, "early") ? ROLE_EARLY : !strcmp(optarg, "none") ? ROLE_NONE : ROLE_WITH;
      break;
    case O_REAS: o_reasoning = atoi(optarg); break;
    case O_USAGE: o_usage_always = true; break;
    case O_TIMINGS: o_timings = true; break;
    case O_FRAG: o_frag = true; break;
    case O_CRLF: o_crlf = true; break;
    case O_PING: o_ping = true; break;
    case O_FAILPCT: o_fail_pct = atof(optarg); break;
    case O_FAIL:
      for (char *s = strtok(optarg, ","); s; s = strtok(NULL, ",")) {
        int i;
        for (i = 1; i < F_KINDS; i++)
          if (!strcmp(s, fail_names[i])) break;
        if (i == F_KINDS || o_nfails == F_KINDS) usage(2);
        o_fails[o_nfails++] = i;
      }
      break;
    case O_EMS: o_embed_ms = atof(optarg); break;
    case O_EUS: o_embed_item_us = atof(optarg); break;
    case O_DIMS: o_dims = atoi(optarg); break;
    case O_SPIN: o_spin_us = atoi(optarg); break;
    case O_RT: rt = true; break;
    case O_CPU: cpu = atoi(optarg); break;
    case 'h': usage(0); break;
    default: usage(2);
    }
  signal(SIGPIPE, SIG_IGN);
  struct sigaction sa = {.sa_handler = on_sig};
  sigaction(SIGINT, &sa, NULL);
  sigaction(SIGTERM, &sa, NULL);
  if (rt) {
    struct sched_param sp = {.sched_priority = 50};
    if (sched_setscheduler(0, SCHED_FIFO, &sp)) perror("synthd: SCHED_FIFO not granted");
  }
  if (cpu >= 0) {
    cpu_set_t cs;
    CPU_ZERO(&cs);
    CPU_SET(cpu, &cs);
    sched_setaffinity(0, sizeof cs, &cs);
  }
  struct rlimit rl;
  getrlimit(RLIMIT_NOFILE, &rl);
  rl.rlim_cur = rl.rlim_max;
  setrlimit(RLIMIT_NOFILE, &rl);
  g_ttft = malloc(sizeof(float) * RES);
  g_itl = malloc(sizeof(float) * RES);
  lfd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int one = 1;
  setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(o_port)};
  inet_pton(AF_INET, host, &a.sin_addr);
  if (bind(lfd, (void *)&a, sizeof a) || listen(lfd, 4096)) {
    perror("bind");
    return 1;
  }
  socklen_t al = sizeof a;
  getsockname(lfd, (void *)&a, &al);
  struct timespec rtc;
  clock_gettime(CLOCK_REALTIME, &rtc);
  if (o_log)
    fprintf(o_log, "{\"synthd\":1,\"port\":%d,\"mono_ns\":%lld,\"unix_ns\":%lld,\"seed\":%llu}\n", ntohs(a.sin_port),
            (long long)now_ns(), rtc.tv_sec * 1000000000LL + rtc.tv_nsec, (unsigned long long)o_seed);
  printf("{\"listening\":\"http://%s:%d\",\"pid\":%d}\n", host, ntohs(a.sin_port), getpid());
  fflush(stdout);
  epfd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epfd, EPOLL_CTL_ADD, lfd, &ev);
  struct epoll_event evs[512];
  while (!stopping) {
    struct timespec ts, *tp = NULL;
    if (hn) {
      ns_t d = heap[0]->due - now_ns() - o_spin_us * 1000LL;
      if (d < 0) d = 0;
      ts.tv_sec = d / 1000000000LL;
      ts.tv_nsec = d % 1000000000LL;
      tp = &ts;
    }
    int n = epoll_pwait2(epfd, evs, 512, tp, NULL);
    if (n < 0 && errno != EINTR) {
      perror("epoll");
      return 1;
    }
    for (int i = 0; i < n; i++) {
      struct conn *c = evs[i].data.ptr;
      if (!c) {
        for (;;) {
          int fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
          if (fd < 0) break;
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          c = calloc(1, sizeof *c);
          c->fd = fd;
          c->id = ++conn_ids;
          c->hi = -1;
          c->events = EPOLLIN | EPOLLRDHUP;
          struct epoll_event e = {.events = c->events, .data.ptr = c};
          epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e);
          if (++nconn > peak_conn) peak_conn = nconn;
        }
        continue;
      }
      if (c->dead) continue;
      if (evs[i].events & EPOLLOUT) {
        ssize_t k = send(c->fd, c->wb + c->wo, c->wn - c->wo, MSG_NOSIGNAL);
        if (k > 0)
          c->wo += k;
        else if (k < 0 && errno != EAGAIN) {
          conn_close(c, false, "client_gone");
          continue;
        }
        if (c->wo == c->wn) {
          c->wo = c->wn = 0;
          want(c, EPOLLIN | EPOLLRDHUP);
          if (c->close_after && c->st == S_READ) {
            conn_close(c, false, "");
            continue;
          }
        }
      }
      if (evs[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) on_read(c);
    }
    while (hn && heap[0]->due <= now_ns() + 200) {
      struct conn *c = heap[0];
      if (c->st == S_WAIT || c->st == S_STREAM)
        tick(c);
      else
        timer_del(c);
    }
    while (ngraves) conn_free(graves[--ngraves]);
  }
  char b[4096];
  stats_json(b, sizeof b);
  fputs(b, stderr);
  if (o_log) {
    fprintf(o_log, "{\"end\":%s", b);
    fseek(o_log, -1, SEEK_CUR);
    fputs("}\n", o_log);
    fclose(o_log);
  }
  return 0;
}
