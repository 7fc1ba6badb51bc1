#include "frame.h"
#include "../../common/ports.S"
