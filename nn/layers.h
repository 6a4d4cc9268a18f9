#pragma once

// Every layer in one include.
#include "nn/activation.h"
#include "nn/batch_norm.h"
#include "nn/conv2d.h"
#include "nn/dropout.h"
#include "nn/embedding.h"
#include "nn/flatten.h"
#include "nn/group_norm.h"
#include "nn/layer_norm.h"
#include "nn/linear.h"
#include "nn/pool.h"
#include "nn/sequential.h"
