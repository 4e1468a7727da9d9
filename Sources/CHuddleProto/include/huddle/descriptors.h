/* Made by scripts/generate; do not edit. */
#ifndef HUDDLE_DESCRIPTORS_H
#define HUDDLE_DESCRIPTORS_H
#include <stddef.h>
#include <stdint.h>
/* A google.protobuf.FileDescriptorSet of every file under proto/; imports come before importers. */
const uint8_t *huddle_descriptor_set(size_t *size);
#endif
