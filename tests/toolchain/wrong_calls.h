// SPDX-License-Identifier: Apache-2.0
//
// What wrong_calls.cc calls, defined in another file: the compiler sees one side of each call, the linker both.
#pragma once

/// Two classes that know nothing of each other, alike in memory.
class Circle {
 public:
  virtual ~Circle();
  virtual int Corners() const;
  int Size() const;

 private:
  int size_ = 1;
};

class Ellipse : public Circle {
 public:
  int Corners() const override;
};

class Square {
 public:
  virtual ~Square();
  virtual int Sides() const;
  int Length() const;

 private:
  int length_ = 4;
};

/// An object of a class, as what it was taken for: the compiler cannot know which it is.
void* MakeCircle();
void* MakeEllipse();
void* MakeSquare();

using Unary = int (*)(int);
using Binary = int (*)(int, int);
int Negative(int value);
int Sum(int left, int right);
