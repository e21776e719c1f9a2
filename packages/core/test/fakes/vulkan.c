/* A stand-in for Vulkan's loader: as many devices as COUNT says, alike but for their UUIDs. */
#include <stdint.h>
#include <string.h>

#ifndef COUNT
#define COUNT 2
#endif

int vkCreateInstance(const uint32_t *create, const void *allocator, uint64_t *instance) {
  const uint32_t *application = *(const uint32_t *const *)((const char *)create + 24);
  /* VK_ERROR_INCOMPATIBLE_DRIVER for less than Vulkan 1.1, in which devices have no identity. */
  if (create[0] != 1 || application == 0 || application[11] < (1u << 22 | 1u << 12)) return -9;
  *instance = 7;
  return 0;
}

int vkEnumeratePhysicalDevices(uint64_t instance, uint32_t *count, uint64_t *devices) {
  if (instance != 7) return -3;
  if (devices != 0)
    for (uint32_t index = 0; index < *count; index++) devices[index] = 100 + index;
  *count = COUNT;
  return 0;
}

void vkGetPhysicalDeviceProperties2(uint64_t device, char *properties) {
  char *id = *(char **)(properties + 8);
  if (*(uint32_t *)properties != 1000059001u || id == 0 || *(uint32_t *)id != 1000071004u) return;
  strcpy(properties + 36, "NVIDIA GeForce RTX 5090");
  for (int at = 0; at < 16; at++) id[16 + at] = (char)(0x10 * (device - 100 + 0xa) + at);
}
