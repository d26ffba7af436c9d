/* Lets several pods listen on one machine: what is bound to all addresses is bound to the pod's own. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>

int bind(int fd, const struct sockaddr *address, socklen_t length) {
  int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
  const char *own = getenv("POD_ADDRESS");
  struct sockaddr_in told;
  if (own && address->sa_family == AF_INET) {
    told = *(const struct sockaddr_in *)address;
    if (told.sin_addr.s_addr == INADDR_ANY && told.sin_port != 0) {
      inet_pton(AF_INET, own, &told.sin_addr);
      return next(fd, (struct sockaddr *)&told, sizeof told);
    }
  }
  return next(fd, address, length);
}
