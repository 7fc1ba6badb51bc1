#include "vmlib.h"

#define HEADER_WINDOWS
#include "../common/header.S"
