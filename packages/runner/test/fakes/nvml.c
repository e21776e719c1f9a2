// A stand-in for NVIDIA's library, with two devices. Built by the tests:
//   INIT=<code>     what nvmlInit_v2 gives
//   OLD             an older driver: clocks *throttle* reasons, no version 3 of the process list
//   PROCESSES=<path>  a file with lines "<device index> <pid> <bytes, or - where not told>"
#include <stdio.h>
#include <string.h>

#ifndef INIT
#define INIT 0
#endif
enum { OK = 0, INVALID = 2, UNSUPPORTED = 3, TOO_SMALL = 7, VERSION = 25 };
#define INDEX(device) ((unsigned)(size_t)(device) - 1)

typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory;
typedef struct { unsigned pid; unsigned long long bytes; unsigned gpu, compute; } process;
typedef struct { unsigned gpu, memory; } utilization;
static const unsigned long long MIB = 1 << 20;

int nvmlInit_v2(void) { return INIT; }
int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int code) {
  return code == UNSUPPORTED ? "Not Supported" : code == 9 ? "Driver Not Loaded" : "Unknown Error";
}
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return OK; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { *device = (void *)(size_t)(index + 1); return OK; }
int nvmlDeviceGetUUID(void *device, char *text, unsigned size) {
  return snprintf(text, size, "GPU-fake-%u", INDEX(device)) < (int)size ? OK : TOO_SMALL;
}
int nvmlDeviceGetMemoryInfo_v2(void *device, memory *info) {
  if (info->version != 0x02000028) return VERSION;
  info->total = 32607 * MIB;
  info->reserved = 500 * MIB;
  info->used = (1000 + INDEX(device)) * MIB;
  info->free = info->total - info->reserved - info->used;
  return OK;
}
int nvmlDeviceGetUtilizationRates(void *device, utilization *rates) { rates->gpu = 97; rates->memory = 50; return OK; }
int nvmlDeviceGetClockInfo(void *device, int type, unsigned *mhz) { *mhz = type == 1 ? 2407 : 0; return OK; }
int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *celsius) { *celsius = sensor == 0 ? 71 : 0; return OK; }
// The second device has no sensor of power and no counter of energy.
int nvmlDeviceGetPowerUsage(void *device, unsigned *milliwatts) { *milliwatts = 574500; return INDEX(device) ? UNSUPPORTED : OK; }
int nvmlDeviceGetEnforcedPowerLimit(void *device, unsigned *milliwatts) { *milliwatts = 575000; return OK; }
int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *millijoules) {
  *millijoules = 9007199254741ULL;
  return INDEX(device) ? UNSUPPORTED : OK;
}
int nvmlDeviceGetCurrPcieLinkGeneration(void *device, unsigned *generation) { *generation = 5; return OK; }
int nvmlDeviceGetCurrPcieLinkWidth(void *device, unsigned *lanes) { *lanes = 16; return OK; }
#ifdef OLD
int nvmlDeviceGetCurrentClocksThrottleReasons(void *device, unsigned long long *mask) { *mask = 0x40; return OK; }
#else
int nvmlDeviceGetCurrentClocksEventReasons(void *device, unsigned long long *mask) { *mask = INDEX(device) ? 0x1 : 0x24; return OK; }
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, process *list) {
  unsigned found = 0;
#ifdef PROCESSES
  FILE *file = fopen(PROCESSES, "r");
  if (file == NULL) return INVALID;
  unsigned index, pid;
  char bytes[32];
  while (fscanf(file, "%u %u %31s", &index, &pid, bytes) == 3) {
    if (index != INDEX(device)) continue;
    if (found < *count) {
      list[found].pid = pid;
      list[found].bytes = ~0ULL;
      sscanf(bytes, "%llu", &list[found].bytes);
    }
    found++;
  }
  fclose(file);
#endif
  int code = found > *count ? TOO_SMALL : OK;
  *count = found;
  return code;
}
#endif
