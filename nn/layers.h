#pragma once

// Every layer in one include.
#include "muonlab/nn/activation.h"
#include "muonlab/nn/batch_norm.h"
#include "muonlab/nn/conv2d.h"
#include "muonlab/nn/dropout.h"
#include "muonlab/nn/embedding.h"
#include "muonlab/nn/flatten.h"
#include "muonlab/nn/group_norm.h"
#include "muonlab/nn/layer_norm.h"
#include "muonlab/nn/linear.h"
#include "muonlab/nn/pool.h"
#include "muonlab/nn/sequential.h"
