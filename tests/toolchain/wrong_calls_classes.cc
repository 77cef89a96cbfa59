// SPDX-License-Identifier: Apache-2.0
#include "tests/toolchain/wrong_calls.h"

Circle::~Circle() = default;
int Circle::Corners() const { return size_; }
int Circle::Size() const { return size_; }
int Ellipse::Corners() const { return Size() + 1; }
Square::~Square() = default;
int Square::Sides() const { return 4; }
int Square::Length() const { return length_; }

void* MakeCircle() { return new Circle; }
void* MakeEllipse() { return static_cast<Circle*>(new Ellipse); }
void* MakeSquare() { return new Square; }

int Negative(int value) { return -value; }
int Sum(int left, int right) { return left + right; }
