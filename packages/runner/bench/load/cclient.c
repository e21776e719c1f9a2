/* cclient - the floor: one epoll thread that reads the same SSE bytes and takes one timestamp a recv().
 * cclient PORT STREAMS REQUESTS TOKENS OUT.jsonl    build: cc -O2 -std=gnu11 -o cclient cclient.c
 * Content is "content":" or "text":" followed by anything but a quote: enough for the synthetic server, for no other.
 * It writes a line for each request (milliseconds), and one with the number of tokens and its processor time. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
struct c {
  int fd, id;
  double t0, t1, tl;
  int n;
  char tail[64];
  int tn;
};
static int port, conc, total, toks, started, done, *ngaps;
static long ntok;
static double *ttft, *gaps;
static void start(struct c *c) {
  char body[256], h[512];
  int bn = sprintf(body,
                   "{\"model\":\"synth\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":%d,"
                   "\"messages\":[{\"role\":\"user\",\"content\":\"say some words please\"}]}",
                   toks);
  c->id = started++;
  int n = sprintf(h,
                  "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: "
                  "application/json\r\nx-request-id: r%d\r\ncontent-length: %d\r\n\r\n%s",
                  port, c->id, bn, body);
  c->n = 0;
  c->tn = 0;
  c->t0 = now();
  if (send(c->fd, h, n, 0) != n) {
    perror("send");
    exit(1);
  }
}
int main(int argc, char **argv) {
  if (argc < 6) return 2;
  port = atoi(argv[1]);
  conc = atoi(argv[2]);
  total = atoi(argv[3]);
  toks = atoi(argv[4]);
  if (conc > total) conc = total;
  ttft = malloc(sizeof(double) * total);
  gaps = malloc(sizeof(double) * total * toks);
  ngaps = calloc(total, sizeof(int));
  int ep = epoll_create1(0);
  struct c *cs = calloc(conc, sizeof *cs);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
  int one = 1;
  for (int i = 0; i < conc; i++) {
    cs[i].fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(cs[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(cs[i].fd, (void *)&a, sizeof a)) {
      perror("connect");
      return 1;
    }
    fcntl(cs[i].fd, F_SETFL, O_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &cs[i]};
    epoll_ctl(ep, EPOLL_CTL_ADD, cs[i].fd, &e);
    start(&cs[i]);
  }
  struct epoll_event ev[256];
  static char b[1 << 16];
  while (done < total) {
    int n = epoll_wait(ep, ev, 256, -1);
    for (int i = 0; i < n; i++) {
      struct c *c = ev[i].data.ptr;
      memcpy(b, c->tail, c->tn);
      ssize_t k = recv(c->fd, b + c->tn, sizeof b - 64, 0);
      if (k <= 0) {
        if (errno == EAGAIN) continue;
        fprintf(stderr, "lost\n");
        return 1;
      }
      double t = now();
      char *p = b, *e = b + c->tn + k, *q;
      int got = 0;
      while ((q = memmem(p, e - p, "ent\":\"", 6))) {
        if (q + 6 >= e) break;
        p = q + 6;
        if (*p != '"') got++;
      }
      if (got) {
        ntok += got;
        if (!c->n) c->t1 = c->tl = t;
        for (int g = c->n ? 0 : 1; g < got && ngaps[c->id] < toks; g++, c->tl = t)
          gaps[(long)c->id * toks + ngaps[c->id]++] = t - c->tl;
        c->n += got;
        c->tl = t;
      }
      int end = e - b >= 5 && !memcmp(e - 5, "0\r\n\r\n", 5);
      size_t keep = e - p;
      if (keep > 6) keep = 6;
      if (got == 0 && (size_t)(e - b) < keep) keep = e - b;
      memmove(c->tail, e - keep, keep);
      c->tn = keep;
      if (end) {
        ttft[c->id] = c->t1 - c->t0;
        done++;
        if (started < total) start(c);
      }
    }
  }
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  FILE *f = fopen(argv[5], "w");
  if (!f) {
    perror(argv[5]);
    return 1;
  }
  for (int r = 0; r < total; r++) {
    fprintf(f, "{\"id\":\"r%d\",\"ttft\":%.4f,\"gaps\":[", r, ttft[r]);
    for (int i = 0; i < ngaps[r]; i++) fprintf(f, i ? ",%.4f" : "%.4f", gaps[(long)r * toks + i]);
    fprintf(f, "]}\n");
  }
  fprintf(f, "{\"tokens\":%ld,\"cpu_s\":%.4f}\n", ntok,
          u.ru_utime.tv_sec + u.ru_utime.tv_usec / 1e6 + u.ru_stime.tv_sec + u.ru_stime.tv_usec / 1e6);
  fclose(f);
  return 0;
}
